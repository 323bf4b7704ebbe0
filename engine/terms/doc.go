// Package terms answers from the definitions that a tenant has stored: its code
// systems, value sets and concept maps, and the profiles by which resources are
// validated.
//
// Definitions are ordinary resources, written through the store like any other;
// what R4 itself publishes is known without being stored. A definition is looked
// up by its canonical url: first among those of the tenant, then in R4. What was read is kept in its compact form of
// fhir/term, up to a bound on memory, under type, id and version; each use asks
// the store whether that version still stands, so that a change is seen at once,
// on every node.
//
// It offers the terminology operations and $validate, and serves as the store's
// terminology for searches. It never writes.
package terms
