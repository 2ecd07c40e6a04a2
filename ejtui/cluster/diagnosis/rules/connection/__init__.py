"""Rules about how the two hosts and VMs reach each other: names, ports, cookies."""
