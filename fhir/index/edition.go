package index

// Edition numbers the form of the rows: a store whose rows are of an older one lacks some and has some that nobody asks for,
// until they are made anew (docs/decisions/0032-index-edition.md). Raise it with every change of what Extract gives for a
// resource that does not change, and say here what it was:
//
//	1  combo-* and phonetic have no rows, codes of closed lists none for their system, references none under a parameter of
//	   which a wider one has them; what contains resources has one for each type of them and each Value in them; names of
//	   codes and canonical uris are Values, not strings; codes of open lists are listed, and what has none of them has a row
//
// 0 is what was stored before forms were numbered: any of the forms before.
const Edition = 1
