// Package proof compares what was moved with where it came from, through the
// mapping, and signs what it found.
package proof
