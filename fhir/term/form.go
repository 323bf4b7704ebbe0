package term

import "strings"

// Malformed reports whether code cannot be a code of its system, whatever release is loaded: the identifiers of SNOMED CT
// and LOINC end in a check digit. Of systems whose form is not known it is false.
func Malformed(system, code string) bool {
	switch system {
	case "http://snomed.info/sct":
		return !isSCTID(code) && !isSCTExpression(code)
	case "http://loinc.org":
		return !isLOINC(code)
	}
	return false
}

// isSCTID: 6 to 18 digits of which the last is the check digit of Verhoeff's scheme over the dihedral group of order ten.
func isSCTID(code string) bool {
	if len(code) < 6 || len(code) > 18 || code[0] == '0' {
		return false
	}
	c := byte(0)
	for i := range len(code) {
		d := code[len(code)-1-i]
		if d < '0' || d > '9' {
			return false
		}
		c = dihedral(c, permuted(i, d-'0'))
	}
	return c == 0
}

// dihedral multiplies in the dihedral group of order ten: 0 to 4 are turns, 5 to 9 are flips.
func dihedral(a, b byte) byte {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b-5)%5
	case b < 5:
		return 5 + (a-5+5-b)%5
	}
	return (a - b + 5) % 5
}

// permuted applies Verhoeff's permutation i times.
func permuted(i int, d byte) byte {
	for range i % 8 {
		d = "\x01\x05\x07\x06\x02\x08\x03\x00\x09\x04"[d]
	}
	return d
}

// isSCTExpression takes a look at a postcoordinated expression: it begins with an identifier, and something follows.
func isSCTExpression(code string) bool {
	code = strings.TrimLeft(code, "=< ")
	n := 0
	for n < len(code) && code[n] >= '0' && code[n] <= '9' {
		n++
	}
	return n < len(code) && isSCTID(code[:n]) && strings.ContainsAny(code, ":+|")
}

// isLOINC: up to seven digits, a hyphen and the check digit; the codes of parts, answers, lists and groups begin with two
// letters and are not counted.
func isLOINC(code string) bool {
	number, check, found := strings.Cut(code, "-")
	if strings.HasPrefix(code, "L") || strings.HasPrefix(code, "X") {
		return found
	}
	if !found || len(check) != 1 || len(number) == 0 || len(number) > 7 {
		return false
	}
	sum, double := 0, true
	for i := len(number) - 1; i >= 0; i-- {
		d := int(number[i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return int(check[0]-'0') == (10-sum%10)%10
}
