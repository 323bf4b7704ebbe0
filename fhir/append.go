package fhir

import "strconv"

// appendAny appends one of the values that Obj.Set takes. Anything else is a
// mistake of the program, not of its input, and panics.
func appendAny(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return AppendString(dst, v)
	case Num:
		return append(dst, v...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case *Obj:
		return v.Append(dst)
	case *List:
		return v.append(dst)
	case Value:
		return append(dst, v.Raw()...)
	case Resource:
		return append(dst, v.Raw()...)
	}
	panic("fhir: Obj holds a value of a kind that JSON has no form for")
}
