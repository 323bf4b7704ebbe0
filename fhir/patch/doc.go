// Package patch changes a resource by a list of operations: JSON Patch (RFC 6902), FHIRPath Patch
// (https://hl7.org/fhir/R4/fhirpatch.html) and XML Patch (RFC 5261).
//
// A Patch is read once, strictly, and may be applied to any number of resources. What it does not touch keeps its bytes:
// the order of members, the digits of decimals, white space (an XML Patch works on the XML form, so members come out in the
// order of the definition). It is all or nothing: the first operation that cannot be done
// ends with a fault that says which one it is and where it stands in the patch; a fault never holds a value of either.
//
// Primitives keep their siblings (_birthDate) beside them, in lists too; what a delete leaves empty goes as well, because
// FHIR has no empty elements. Work and result are bounded, whatever the patch says.
//
// It never asks whether the result is valid, whether its id and type are still the same, or who may do this: engine/store does.
package patch
