// Package source is the model of legacy rows, whatever they are read from:
// tables and their columns, rows and their cells, keys, positions, and the
// canonical bytes by which two rows are compared.
//
// It owns what all sources share: the column classes of MySQL and MariaDB, the
// character sets in which their text comes, keys that sort like the column they
// stand for, and the storage form of a row. It promises that no value is lost
// or bent in silence: text is valid UTF-8, and where the source held other
// bytes these are kept beside it; numbers and dates stay the literals that the
// source wrote. It never connects to anything and never judges a value: dirty
// data is a finding of the mapping.
//
// Subpackages read one kind of source each: dump reads SQL dump files.
package source
