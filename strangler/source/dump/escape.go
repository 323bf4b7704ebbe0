package dump

// unescape appends what a backslash and c stand for in a MySQL string. The escapes of LIKE patterns keep their backslash.
func unescape(dst []byte, c byte) []byte {
	switch c {
	case '0':
		return append(dst, 0)
	case 'b':
		return append(dst, '\b')
	case 'n':
		return append(dst, '\n')
	case 'r':
		return append(dst, '\r')
	case 't':
		return append(dst, '\t')
	case 'Z':
		return append(dst, 0x1A)
	case '%', '_':
		return append(dst, '\\', c)
	}
	return append(dst, c)
}

// appendString appends the value of a string with escapes and doubled quotes; b is what stands between the quotes.
func appendString(dst, b []byte, quote byte, noBackslash bool) []byte {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '\\' && !noBackslash && i+1 < len(b):
			i++
			dst = unescape(dst, b[i])
		case c == quote:
			i++ // doubled
			dst = append(dst, c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendHex appends the bytes of hex digits; an odd number of them counts as if a zero stood before.
func appendHex(dst, digits []byte) (out []byte, ok bool) {
	high, half := byte(0), len(digits)%2 == 1
	for _, c := range digits {
		n, ok := hexDigit(c)
		if !ok {
			return dst, false
		}
		if half {
			dst = append(dst, high<<4|n)
		}
		high, half = n, !half
	}
	return dst, true
}

func hexDigit(c byte) (n byte, ok bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// appendBits appends the bytes of binary digits, the last digit being the lowest bit of the last byte.
func appendBits(dst, digits []byte) (out []byte, ok bool) {
	var b byte
	for i, c := range digits {
		if c != '0' && c != '1' {
			return dst, false
		}
		b = b<<1 | (c - '0')
		if (len(digits)-i-1)%8 == 0 {
			dst, b = append(dst, b), 0
		}
	}
	return dst, true
}
