// Package r4 holds the definitions of FHIR R4 (4.0.1) as data: types and their
// elements, invariants, required value sets, search parameters, compartments,
// and its profiles, extensions, code systems and value sets in their own form.
//
// It owns the tables in tables/, which fhir/r4/gen writes from the published
// definitions. Each table is read on first use, in a few milliseconds; its
// strings stay in the text of the program. After that, looking something up
// allocates nothing. Everything handed out is shared: it must not be changed.
//
// It promises that the numbers used in databases never change: ResourceIndex
// because R4 is closed, Param.ID because gen keeps the list of numbers given.
// TypeID is for use inside one process only.
//
// It never looks at a resource; fhir/path, fhir/index and fhir/validate do.
package r4

//go:generate go run ./gen

// Version is the release of FHIR that the tables describe.
const Version = "4.0.1"
