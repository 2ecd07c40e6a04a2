"""A node's VM: started, ended, waited for, held down."""
