"""The platforms that ejtui knows, one a module; a new module here is found."""
