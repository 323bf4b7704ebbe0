package mapping

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// functions are what expressions can call beside the standard functions of CEL. All give the same answer for the same
// arguments, always.
func (l *language) functions() []cel.EnvOption {
	s, i := cel.StringType, cel.IntType
	return []cel.EnvOption{
		cel.Function("e164", cel.Overload("e164_string_string", []*cel.Type{s, s}, s, cel.BinaryBinding(celE164)),
			cel.Overload("e164_int_string", []*cel.Type{i, s}, s, cel.BinaryBinding(celE164))),
		cel.Function("national", cel.Overload("national_string", []*cel.Type{s}, s, cel.UnaryBinding(celNational))),
		cel.Function("age", cel.Overload("age_string_string", []*cel.Type{s, s}, i, cel.BinaryBinding(celAge))),
		cel.Function("dateOf", cel.Overload("dateOf_string", []*cel.Type{s}, s, cel.UnaryBinding(celDateOf))),
		cel.Function("isQuantity", cel.Overload("isQuantity_string", []*cel.Type{s}, cel.BoolType, cel.UnaryBinding(celIsQuantity))),
		cel.Function("isNumber", cel.Overload("isNumber_string", []*cel.Type{s}, cel.BoolType, cel.UnaryBinding(celIsNumber))),
		cel.Function("term", cel.Overload("term_string_string", []*cel.Type{s, s}, s, cel.BinaryBinding(l.celTerm)),
			cel.Overload("term_string_string_string", []*cel.Type{s, s, s}, s, cel.FunctionBinding(l.celTermOr))),
	}
}

func celE164(number, region ref.Val) ref.Val {
	text, ok := number.ConvertToType(types.StringType).(types.String)
	if !ok {
		return types.NewErr("e164: not a number")
	}
	out, ok := e164(string(text), string(region.(types.String)))
	if !ok {
		return types.NewErr("e164: not a telephone number of this region")
	}
	return types.String(out)
}

func celNational(number ref.Val) ref.Val {
	out, ok := national(string(number.(types.String)))
	if !ok {
		return types.NewErr("national: not a number that e164 gives")
	}
	return types.String(out)
}

func celAge(born, at ref.Val) ref.Val {
	years, ok := age(string(born.(types.String)), string(at.(types.String)))
	if !ok {
		return types.NewErr("age: not two dates")
	}
	return types.Int(years)
}

// celDateOf is the date at the start of a time, "" if there is none.
func celDateOf(v ref.Val) ref.Val {
	s := v.(types.String)
	if _, ok := readDate(string(s)); !ok {
		return types.String("")
	}
	return s[:10]
}

func celIsQuantity(v ref.Val) ref.Val {
	_, _, ok := splitQuantity([]byte(v.(types.String)))
	return types.Bool(ok)
}

func celIsNumber(v ref.Val) ref.Val { return types.Bool(isNumber([]byte(v.(types.String)))) }

func (l *language) celTerm(name, source ref.Val) ref.Val {
	t := l.pack.terms[string(name.(types.String))]
	if t == nil {
		return types.NewErr("term: there is no such terminology map")
	}
	n := t.source[string(source.(types.String))]
	if n == nil {
		return types.NewErr("term: the terminology map does not have this code")
	}
	return types.String(n.code)
}

func (l *language) celTermOr(args ...ref.Val) ref.Val {
	if v := l.celTerm(args[0], args[1]); !types.IsError(v) {
		return v
	}
	return args[2]
}
