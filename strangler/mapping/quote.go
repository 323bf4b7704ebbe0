package mapping

import (
	"unicode/utf8"
	"unsafe"

	"github.com/ficushealth/ficus/fhir"
)

// appendQuoted appends b as a JSON string. What isText accepts is written as it is, but for the escapes that JSON asks for.
func appendQuoted(dst, b []byte) []byte {
	for _, c := range b {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return fhir.AppendString(dst, view(b))
		}
	}
	return append(append(append(dst, '"'), b...), '"')
}

// view is b as a string without a copy, for calls that do not keep it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
