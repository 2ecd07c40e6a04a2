"""The records of tables: counted, compared, restored from an online backup."""
