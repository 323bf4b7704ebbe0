package mapping

import (
	"encoding/binary"
	"strconv"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/source"
)

// bits turns a bit column into a boolean, or into the number that its bits write.
type bits struct {
	width   int // bytes of the column
	boolean bool
}

func (b *builder) bits(p *ruleSpec, c *source.Column, at location) conversion {
	switch at.elem.Types[0] {
	case "boolean":
		return bits{(max(c.Len, 1) + 7) / 8, true}
	case "integer", "unsignedInt", "decimal":
		return bits{(max(c.Len, 1) + 7) / 8, false}
	}
	b.add(p.at, "%s is %s, but column %s is %s: a boolean or a number", at.path, fault.A(at.elem.Types[0]), c.Name, c.Full)
	return nil
}

func (c bits) to(_ *run, b []byte) value {
	n, ok := source.Binary(b).Uint()
	switch {
	case !ok || len(b) != c.width || !c.boolean && n > 1<<31-1 || c.boolean && n > 1:
		return value{fit: unfit}
	case c.boolean:
		return literal(strconv.AppendBool(nil, n == 1))
	}
	return literal(strconv.AppendUint(nil, n, 10))
}

func (c bits) from(_ *run, v fhir.Value) ([]byte, bool) {
	n := uint64(0)
	switch {
	case c.boolean && v.Kind() == fhir.Bool:
		if v.IsTrue() {
			n = 1
		}
	default:
		var err error
		if n, err = strconv.ParseUint(v.Str(), 10, 64); err != nil || v.Kind() != fhir.Number {
			return nil, false
		}
	}
	wide := binary.BigEndian.AppendUint64(nil, n)
	return wide[8-c.width:], c.width == 8 || n>>(8*c.width) == 0
}
