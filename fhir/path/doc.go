// Package path is FHIRPath (N1, http://hl7.org/fhirpath/N1, with the functions that
// https://hl7.org/fhir/R4/fhirpath.html adds), evaluated over fhir.Value without copying.
//
// Compile turns the text into a tree once; Eval walks a resource with it. Nodes know
// their FHIR type from fhir/r4, so a choice is found by its plain name (value for
// valueQuantity), a primitive carries its sibling (_birthDate), and is, as and ofType
// know what specializes what. An Expr is immutable and safe for concurrent use.
//
// It promises that every expression ends: text, nesting, steps and sizes are bounded,
// and what is beyond ends with a fault that names the place in the expression. A fault
// never holds a value of the resource. Plain navigation, as in search parameters, does
// not allocate beyond the result.
//
// It never reads a clock, a database or a terminology by itself: Context brings them.
package path
