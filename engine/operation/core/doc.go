// Package core holds the operations of FHIR that need nothing but the store: $meta, $meta-add, $meta-delete and
// $diff of versions on every resource, $everything on Patient and Encounter, $lastn on Observation and $document on
// Composition.
//
// It promises that each of them works through the caller's Desk, so that what the caller may not
// read neither appears nor counts, and that none cuts off what it was asked for without a link to the rest.
// It keeps no state.
package core
