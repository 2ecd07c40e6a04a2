"""The lab's two forms: hosts in separate namespaces, and nodes side by side."""
