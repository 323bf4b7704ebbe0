// Package synth makes patients for measurements: resources of the types, sizes
// and numbers in which Synthea writes them, with values of its own.
//
// It owns the shape of the data. It promises that a World with the same seed makes
// the same bytes, that every id can be computed without making the resource, and
// that no value belongs to a person. A patient has about 150 resources, nine in
// twenty of them observations. It never looks at a store.
package synth
