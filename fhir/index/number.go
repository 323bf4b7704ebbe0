package index

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// ParseNumber reads a decimal. exact is its value, lo and hi the interval that its digits stand for in a search: half a
// unit of the last digit to both sides, so "100" is 99.5 to 100.5, and "1e2" 95 to 105: a whole number before an exponent
// counts one digit more, as the example of https://hl7.org/fhir/R4/search.html#number has it. Faults: Invalid, also beyond
// 64 characters or the range of float64.
func ParseNumber(s string) (exact, lo, hi float64, err error) {
	digits, exponent, ok := takeApart(s)
	if !ok {
		return 0, 0, 0, notANumber()
	}
	exact, err = strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, 0, 0, notANumber()
	}
	lo, err1 := scaled(digits, -5, exponent-1)
	hi, err2 := scaled(digits, 5, exponent-1)
	if err1 != nil || err2 != nil {
		return 0, 0, 0, notANumber()
	}
	return exact, lo, hi, nil
}

func notANumber() error {
	return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "not a number"})
}

// takeApart gives a decimal's signed digits and the exponent of the last one.
func takeApart(s string) (digits string, exponent int, ok bool) {
	mantissa, e, has := strings.Cut(strings.ReplaceAll(s, "E", "e"), "e")
	if len(s) > 64 || has && !exponentForm(e) {
		return "", 0, false
	}
	exponent, _ = strconv.Atoi(e)
	whole, fraction, dot := strings.Cut(mantissa, ".")
	unsigned := strings.TrimLeft(whole, "+-")
	if len(whole)-len(unsigned) > 1 || unsigned == "" || dot && fraction == "" || !onlyDigits(unsigned) || !onlyDigits(fraction) {
		return "", 0, false
	}
	if has && !dot {
		fraction = "0"
	}
	return whole + fraction, exponent - len(fraction), true
}

func exponentForm(e string) bool {
	e = strings.TrimPrefix(strings.TrimPrefix(e, "+"), "-")
	return e != "" && len(e) <= 4 && onlyDigits(e)
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// scaled is (digits * 10 + plus) * 10^exponent, rounded once.
func scaled(digits string, plus int64, exponent int) (float64, error) {
	n, _ := new(big.Int).SetString(digits, 10)
	n.Mul(n, big.NewInt(10)).Add(n, big.NewInt(plus))
	return strconv.ParseFloat(n.String()+"e"+strconv.Itoa(exponent), 64)
}
