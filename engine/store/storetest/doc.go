// Package storetest is the conformance suite of engine/store: stories that must
// come out the same on every database. A store passes if Run passes.
package storetest
