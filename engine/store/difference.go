package store

import (
	"cmp"
	"strings"

	"github.com/ficushealth/ficus/fhir/index"
)

// difference is the rows of a that b does not have. Both are sorted, as extract leaves them.
func difference(a, b index.Rows) index.Rows {
	return index.Rows{
		Token:  without(a.Token, b.Token, compareToken),
		String: without(a.String, b.String, compareString),
		Date:   without(a.Date, b.Date, compareDate),
		Number: without(a.Number, b.Number, compareNumber),
		Ref:    without(a.Ref, b.Ref, compareRef),
	}
}

func without[T any](a, b []T, compare func(T, T) int) []T {
	if len(b) == 0 {
		return a
	}
	var out []T
	for _, x := range a {
		for len(b) > 0 && compare(b[0], x) < 0 {
			b = b[1:]
		}
		if len(b) == 0 || compare(b[0], x) != 0 {
			out = append(out, x)
		}
	}
	return out
}

func compareToken(a, b index.TokenRow) int {
	return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.System, b.System))
}

func compareString(a, b index.StringRow) int {
	return cmp.Or(cmp.Compare(a.Hash, b.Hash), strings.Compare(a.Value, b.Value), cmp.Compare(a.Exact, b.Exact))
}

func compareDate(a, b index.DateRow) int {
	return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
}

func compareNumber(a, b index.NumberRow) int {
	return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi),
		cmp.Compare(a.Code, b.Code), cmp.Compare(a.System, b.System))
}

// compareRef orders rows whose targets have the form in which they are stored (targetForm): two ways to write one target
// are one row.
func compareRef(a, b index.RefRow) int {
	return cmp.Or(cmp.Compare(a.Hash, b.Hash), strings.Compare(a.Target.Text, b.Target.Text), boolOrder(a.Inline)-boolOrder(b.Inline))
}
