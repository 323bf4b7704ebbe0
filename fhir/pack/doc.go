// Package pack reads FHIR packages: gzipped tar files with a package.json and
// one JSON file for each resource (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification).
//
// It hands out one resource after the other and never holds more than one. What
// does not belong into a package, such as links, paths that lead out of it or a
// name twice, is refused, and number and size of files are bounded, whatever
// the archive claims: a package comes from strangers.
//
// It never writes a file and never asks a registry.
package pack
