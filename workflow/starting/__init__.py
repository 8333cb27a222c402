"""What `workflow new` makes a project of: a file read in part, its columns told, a sample drawn."""
