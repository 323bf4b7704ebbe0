package ucum

import "math/big"

// prefix is the factor of a prefix (UCUM section 27).
func prefix(s string) (*big.Rat, bool) {
	switch s {
	case "Ki":
		return big.NewRat(1<<10, 1), true
	case "Mi":
		return big.NewRat(1<<20, 1), true
	case "Gi":
		return big.NewRat(1<<30, 1), true
	case "Ti":
		return big.NewRat(1<<40, 1), true
	}
	n, ok := powers(s)
	if !ok {
		return nil, false
	}
	return pow10(n), true
}

func powers(s string) (int, bool) {
	switch s {
	case "Y":
		return 24, true
	case "Z":
		return 21, true
	case "E":
		return 18, true
	case "P":
		return 15, true
	case "T":
		return 12, true
	case "G":
		return 9, true
	case "M":
		return 6, true
	case "k":
		return 3, true
	case "h":
		return 2, true
	case "da":
		return 1, true
	case "d":
		return -1, true
	case "c":
		return -2, true
	case "m":
		return -3, true
	case "u":
		return -6, true
	case "n":
		return -9, true
	case "p":
		return -12, true
	case "f":
		return -15, true
	case "a":
		return -18, true
	case "z":
		return -21, true
	case "y":
		return -24, true
	}
	return 0, false
}

func pow10(n int) *big.Rat {
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), p)
	}
	return new(big.Rat).SetInt(p)
}
