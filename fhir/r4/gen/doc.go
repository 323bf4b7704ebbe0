// Command gen writes the tables of package fhir/r4 from the published R4 definitions.
//
//	go run ./fhir/r4/gen          writes the tables
//	go run ./fhir/r4/gen -check   compares them with what it would write, exit code 1 on a difference
//
// It reads two packages of HL7, found like every suite in $FICUS_SUITES or
// ../shared/data beside the repository: hl7.fhir.r4.examples (which carries
// the definitions of 4.0.1 as bundles) and hl7.fhir.r4.expansions. Copies of
// the definitions that others ship are not used where they have been extended.
//
// The same input always gives the same bytes. Numbers of search parameters
// come from params.ids.txt, a list that only grows.
package main
