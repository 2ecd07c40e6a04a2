"""The live erl shell: driven, watched, taken over, kept."""
