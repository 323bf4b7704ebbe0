package mapping

import (
	"bytes"

	"github.com/ficushealth/ficus/fhir"
)

// quantity reads a laboratory's number, with or without a comparator before it, and keeps its digits: "4.80", ">60".
type quantity struct{}

func (quantity) to(_ *run, b []byte) value {
	comparator, number, ok := splitQuantity(b)
	if !ok {
		return value{fit: unfit}
	}
	return value{form: raw, text: number, second: comparator}
}

// from reads the Quantity that holds the two.
func (quantity) from(_ *run, v fhir.Value) ([]byte, bool) {
	number := v.Get("value")
	return append([]byte(v.Get("comparator").Str()), number.Str()...), number.Kind() == fhir.Number
}

func splitQuantity(b []byte) (comparator, number []byte, ok bool) {
	for _, c := range [...]string{"<=", ">=", "<", ">"} {
		if bytes.HasPrefix(b, []byte(c)) {
			return b[:len(c)], b[len(c):], isNumber(b[len(c):])
		}
	}
	return nil, b, isNumber(b)
}
