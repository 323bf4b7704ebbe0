package searchcheck

// verdict is what the standard says of a value: it matches, it does not, or a server may choose.
type verdict uint8

const (
	no verdict = iota
	maybe
	yes
)

func is(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// anyValue is the best verdict of all values.
func anyValue(values []any, match func(any) verdict) verdict {
	best := no
	for _, v := range values {
		best = max(best, match(v))
	}
	return best
}
