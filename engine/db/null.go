package db

// Null is a value that may be NULL, as an argument or in a column of Each.
type Null[T any] struct {
	V  T
	OK bool // false: NULL
}

// Some is v, not NULL.
func Some[T any](v T) Null[T] { return Null[T]{V: v, OK: true} }

// value is V, nil when NULL.
func (n Null[T]) value() any {
	if !n.OK {
		return nil
	}
	return n.V
}

type nullable interface{ value() any }
