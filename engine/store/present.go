package store

import "unicode/utf8"

// presentBase is the character that stands for parameter number 0 in the column
// "present"; numbers up to 1791 take two bytes each.
const presentBase = 0x100

// presentText lists search parameters by number, one character each. It is what
// the modifier :missing looks at, because hashed rows do not tell their parameter.
func presentText(params []uint16) string {
	out := make([]byte, 0, 2*len(params))
	for _, p := range params {
		out = utf8.AppendRune(out, presentRune(p))
	}
	return string(out)
}

// presentRune is the character of one parameter. The surrogates are stepped over.
func presentRune(p uint16) rune {
	r := rune(p) + presentBase
	if r >= 0xd800 {
		r += 0x800
	}
	return r
}
