package source

import "strconv"

// appendNumeral appends the one spelling of a decimal literal: "-" if negative, the digits without zeros at either end, and
// "e" with the power of ten by which they count. 1.50, +1.5 and 15e-1 all become 15e-1; any zero becomes 0. ok is false if
// b is no decimal literal; dst is then returned as it was.
func appendNumeral(dst, b []byte) (out []byte, ok bool) {
	n, ok := readNumeral(b)
	if !ok {
		return dst, false
	}
	for len(n.digits) > 0 && n.digits[len(n.digits)-1] == '0' {
		n.digits, n.exp = n.digits[:len(n.digits)-1], n.exp+1
	}
	if len(n.digits) == 0 {
		return append(dst, '0'), true
	}
	if n.negative {
		dst = append(dst, '-')
	}
	dst = append(append(dst, n.digits...), 'e')
	return strconv.AppendInt(dst, n.exp, 10), true
}

type numeral struct {
	negative bool
	digits   []byte // without leading zeros
	exp      int64
	space    [40]byte
}

func readNumeral(b []byte) (n numeral, ok bool) {
	n.digits = n.space[:0]
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		n.negative, b = b[0] == '-', b[1:]
	}
	seen, point := false, false
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			seen = true
			n.digit(c, point)
		case c == '.' && !point:
			point = true
		case (c == 'e' || c == 'E') && seen:
			return n, n.power(b[i+1:])
		default:
			return n, false
		}
	}
	return n, seen
}

func (n *numeral) digit(c byte, fraction bool) {
	if fraction {
		n.exp--
	}
	if c != '0' || len(n.digits) > 0 {
		n.digits = append(n.digits, c)
	}
}

func (n *numeral) power(b []byte) bool {
	exp, ok := parseInt(b)
	n.exp += exp
	return ok && exp > -1<<40 && exp < 1<<40
}
