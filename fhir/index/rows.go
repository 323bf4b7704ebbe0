package index

import "github.com/ficushealth/ficus/fhir"

// Rows are the index rows of one resource, each list sorted and without duplicates.
type Rows struct {
	Token  []TokenRow
	String []StringRow
	Date   []DateRow
	Number []NumberRow
	Ref    []RefRow
	Units  []string // UCUM codes of the quantities: no rows, but a search must know which units there are
	Values []Value  // what some of the tokens stand for: no rows of the resource, but a search must know which there are
	Codes  []Value  // the codes of listed parameters (Listed): no rows, but an order must know which codes there are
	Params []uint16 // numbers (r4.Param.ID) of the parameters that have a value, for :missing; stored as the store likes
}

// TokenRow is a code, a uri or another value that is only compared for equality.
type TokenRow struct {
	Hash   int64
	System int32 // of a code: Hasher.Unit of its system, 0 where it has none, NoSystem where it cannot have one; else 0
}

// Value is a string that many resources share, like the name of a code or the profile that they follow: each has a short token
// row, and the string itself is listed once for all, for searches by a part of it.
type Value struct {
	List int64  // key of all values of this kind under a parameter
	Key  int64  // hash of the token row
	Text string // at most MaxString bytes
}

// NoSystem is the System of a string or uri under a token parameter: |code does not find it.
const NoSystem = -1

// StringRow is one string.
type StringRow struct {
	Hash  int64
	Value string // at most MaxString bytes
	Exact int32  // Hasher.Unit of the string as it is, for :exact; 0 where there is no such modifier
}

// MaxString is the length in bytes at which a StringRow's value is cut, at a rune.
const MaxString = 256

// DateRow is what a date, dateTime, instant, Period or Timing covers: microseconds since 1970 UTC, both ends included.
// An open end is math.MinInt64 or math.MaxInt64.
type DateRow struct{ Hash, Lo, Hi int64 }

// NumberRow is a number or quantity. Lo = Hi but for a Range, a quantity with a comparator and sampled data; an open end
// is infinite. Code and System are Hasher.Unit of the unit's code and system, 0 where there is none.
type NumberRow struct {
	Hash         int64
	Lo, Hi       float64
	Code, System int32
}

// RefRow is a relative or absolute reference to a resource of a known type.
type RefRow struct {
	Hash   int64
	Target fhir.Ref
	Own    bool // of a parameter that is not in R4
	Inline bool // the target stands in the resource itself (Bundle.entry[0].resource): no resource of its own is meant
}
