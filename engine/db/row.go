package db

// Row is one row of a result, valid during the scan function that receives it. Columns count from 0. Reading NULL gives
// the zero value; reading a column as a type that it does not have makes the query fail with fault.Internal.
type Row interface {
	Int64(i int) int64
	Int32(i int) int32
	Float64(i int) float64
	Bool(i int) bool
	Text(i int) string
	Bytes(i int) []byte       // a copy that the caller owns; nil for NULL
	BytesNoCopy(i int) []byte // valid during the scan function only
	IsNull(i int) bool
}
