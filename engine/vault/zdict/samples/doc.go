// Command samples writes the resources of FHIR bundles (.json or .json.bz2) as they look once stored, one file each: without
// white space, with the version in meta and references resolved. A dictionary is trained on them; see package zdict.
package main
