"""Between the cluster and the screens: runs what is asked for, reports what happens."""
