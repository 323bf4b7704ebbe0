package fhir

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

func TestStrictJSONNamesThePlace(t *testing.T) {
	for name, c := range map[string]struct {
		in        string
		line, col int
	}{
		"duplicate":          {"{\"a\":1,\n \"b\":2,\n \"a\":3}", 3, 2},
		"duplicate escaped":  {`{"a":1,"\u0061":2}`, 1, 8},
		"bad UTF-8":          {"{\"a\":\"\xff\"}", 1, 7},
		"control character":  {"{\"a\":\"\x01\"}", 1, 7},
		"escaped NUL":        {`{"a":"\u0000"}`, 1, 7},
		"lone surrogate":     {`{"a":"\ud800"}`, 1, 7},
		"leading zero":       {`{"a":01}`, 1, 7},
		"no digit":           {`{"a":1.}`, 1, 8},
		"trailing comma":     {`{"a":1,}`, 1, 8},
		"trailing text":      {`{} x`, 1, 4},
		"unfinished string":  {`{"a":"b`, 1, 6},
		"unfinished object":  {`{"a":1`, 1, 7},
		"empty":              {``, 1, 1},
		"single quotes":      {`{'a':1}`, 1, 2},
		"byte order mark":    {"\ufeff{}", 1, 1},
		"unquoted word":      {`{"a":nope}`, 1, 6},
		"array not closed":   {`[1,2`, 1, 5},
		"too deep":           {strings.Repeat("[", 65), 1, 65},
		"hexadecimal escape": {`{"a":"\u00g0"}`, 1, 7},
	} {
		_, err := ParseValue([]byte(c.in), Limits{})
		f := fault.Find(err)
		if f == nil || f.Kind != fault.Invalid || len(f.Issues) != 1 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if i := f.Issues[0]; i.Line != c.line || i.Col != c.col {
			t.Errorf("%s: at %d:%d, want %d:%d (%s)", name, i.Line, i.Col, c.line, c.col, i.Text)
		}
	}
}

func TestSizeLimit(t *testing.T) {
	if _, err := ParseValue([]byte(`"12345678"`), Limits{Bytes: 9}); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

func TestManyValuesInLittleSpaceAreRefused(t *testing.T) {
	many := []byte("[0" + strings.Repeat(",0", 1<<16) + "]")
	if _, err := ParseValue(many, Limits{Bytes: len(many)}); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
	if _, err := ParseValue(many, Limits{}); err != nil {
		t.Error(err)
	}
	if _, err := ParseValue([]byte(`[1,2,3]`), Limits{Values: 3}); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

func TestValueReads(t *testing.T) {
	r, err := Parse([]byte(`{"resourceType":"X","id":"1","n":1.50,"t":true,"s":"a\n\ud83d\ude00","l":[1,[2],{"k":null}]}`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{r.Get("n").Str(), "1.50"}, {r.Get("s").Str(), "a\n😀"}, {r.Get("t").Str(), "true"}, {r.ID(), "1"},
		{r.Get("l").At(1).At(0).Str(), "2"}, {r.Get("nothing").Str(), ""}, {r.Type(), "X"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
	if k := r.Get("l").At(2).Get("k").Kind(); k != Null {
		t.Error(k)
	}
	if n := r.Get("l").Len(); n != 3 {
		t.Error(n)
	}
}

// unmarshal keeps numbers as they are written: 1e700 is a number of JSON, but not of Go.
func unmarshal(b []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(to)
}

// FuzzParse holds the parser against encoding/json: what we accept, it accepts,
// and both read the same value.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,"x\u00e9"],"b":{"c":null}}`, `[]`, `"\ud83d\ude00"`, `-0.1e+5`, `{"a":1,"a":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := ParseValue(b, Limits{})
		if err != nil {
			return
		}
		var want, got any
		if err := unmarshal(b, &want); err != nil {
			t.Fatalf("we accept what encoding/json refuses: %v", err)
		}
		if err := unmarshal(appendAny(nil, rebuild(v)), &got); err != nil {
			t.Fatal(err)
		}
		w, _ := json.Marshal(want)
		g, _ := json.Marshal(got)
		if string(w) != string(g) {
			t.Fatalf("%s, want %s", g, w)
		}
		if c, err := ParseValue(Compact(b), Limits{}); err != nil || c.Kind() != v.Kind() {
			t.Fatal("compacting changed the document", err)
		}
	})
}

// rebuild reads a value through its accessors only.
func rebuild(v Value) any {
	switch v.Kind() {
	case Object:
		o := NewObject()
		for name, m := range v.Members() {
			o.Set(name, rebuild(m))
		}
		return o
	case Array:
		l := &List{}
		for i := range v.Items() {
			l.Add(rebuild(i))
		}
		return l
	case String:
		return v.Str()
	case Number:
		return Num(v.Str())
	case Bool:
		return v.IsTrue()
	}
	return nil
}
