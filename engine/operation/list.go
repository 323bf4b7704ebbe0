package operation

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// List is all operations that are offered.
type List []Operation

// Find is the operation of that code on that level, of that type where the level has one.
func (l List) Find(code string, at Level, typ string) (Operation, bool) {
	for _, o := range l {
		if o.Code == code && o.On&at != 0 && (at == OnSystem || o.serves(typ)) {
			return o, true
		}
	}
	return Operation{}, false
}

func (o Operation) serves(typ string) bool {
	return slices.Contains(o.Types, typ) || slices.Contains(o.Types, "Resource")
}

// Places are the addresses on which an operation of that code is called, such as /Patient/[id]/$everything.
func (l List) Places(code string) (places []string) {
	for _, o := range l {
		if o.Code == code {
			places = append(places, o.places()...)
		}
	}
	return places
}

func (o Operation) places() (places []string) {
	types := o.Types
	if slices.Contains(types, "Resource") {
		types = []string{"[type]"}
	}
	for _, at := range []struct {
		Level
		path string
	}{{OnSystem, ""}, {OnType, "/*"}, {OnInstance, "/*/[id]"}, {OnVersion, "/*/[id]/_history/[version]"}} {
		switch {
		case o.On&at.Level == 0:
		case at.Level == OnSystem:
			places = append(places, "/$"+o.Code)
		default:
			for _, typ := range types {
				places = append(places, strings.Replace(at.path, "*", typ, 1)+"/$"+o.Code)
			}
		}
	}
	return places
}

// Codes lists the codes that are called on a level, each once, in order.
func (l List) Codes(at Level) (codes []string) {
	for _, o := range l {
		if o.On&at != 0 {
			codes = append(codes, o.Code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// Of lists the operations that are called on resources of a type; "" those of the whole server.
func (l List) Of(typ string) (out List) {
	for _, o := range l {
		if typ == "" && o.On&OnSystem != 0 || typ != "" && o.On&^OnSystem != 0 && o.serves(typ) {
			out = append(out, o)
		}
	}
	return out
}

// Check reports the first operation that cannot be served as it is declared, or that is
// offered twice. Faults: Internal.
func (l List) Check() error {
	for i, o := range l {
		if why := o.wrong(); why != "" {
			return fault.New(fault.Internal, "the operation $%s %s", o.Code, why)
		}
		for _, other := range l[:i] {
			if o.meets(other) {
				return fault.New(fault.Internal, "the operation $%s is offered twice", o.Code)
			}
		}
	}
	return nil
}

func (o Operation) wrong() string {
	switch {
	case o.Code == "":
		return "has no code"
	case o.Definition == "":
		return "has no definition"
	case o.On == 0 || o.Do == nil:
		return "cannot be called"
	case o.On&^OnSystem != 0 && len(o.Types) == 0:
		return "names no type"
	}
	for _, t := range o.Types {
		if _, known := r4.ResourceIndex(t); !known && t != "Resource" {
			return "names a type that R4 does not have"
		}
	}
	return ""
}

// meets reports whether one request could call both.
func (o Operation) meets(p Operation) bool {
	at := o.On & p.On
	switch {
	case o.Code != p.Code || at == 0:
		return false
	case at&OnSystem != 0 || slices.Contains(o.Types, "Resource") || slices.Contains(p.Types, "Resource"):
		return true
	}
	return slices.ContainsFunc(o.Types, p.serves)
}
