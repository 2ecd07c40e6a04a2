"""The check: asks both nodes, layer by layer, and names what is wrong."""
