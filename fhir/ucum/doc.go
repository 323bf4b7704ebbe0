// Package ucum reads units of the Unified Code for Units of Measure
// (https://ucum.org/ucum, case sensitive form) and converts between those of one
// dimension.
//
// It owns the table of unit atoms and prefixes. Arithmetic is on rationals, so what is
// exact stays exact; only what is defined by pi is an approximation of 30 digits.
// Temperatures (Cel, [degF], [degRe]) convert with their offset when they stand alone.
// Arbitrary units ([iU] and the like) and units on a logarithmic scale (B, Np, [pH])
// compare with themselves alone, because no factor leads from them to anything else.
//
// It promises that parsing ends quickly whatever the text: exponents, nesting and length
// are bounded. It never guesses at a unit that is not written as UCUM writes it.
package ucum
