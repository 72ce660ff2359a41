"""The three-way merge of trees: text, renames, shapes, attributes, conflicts."""
