// Package care holds the contract of the modules that make up the product.
//
// It owns Module, what a module is to the rest of the program; Modules, which
// checks that modules fit together; and what several modules need and none owns:
// the table-driven sink of records, and the rule about identifiers.
//
// A module is one package below this one. It owns resource types, for which its
// Rule guards every write, and tables whose names begin with its name. Modules
// never import each other.
//
// It promises that each resource type, record, event handler, operation and kind
// of job has one owner. It stores and serves nothing by itself.
package care
