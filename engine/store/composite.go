package store

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// composite looks under the key that the token component and the parameter make
// together, as fhir/index lays the rows out.
func (c *compiler) composite(k search.Clause, v search.Value) ([]probe, error) {
	parts := k.Param.Components
	if len(parts) == 3 && parts[1].Type == "number" && parts[2].Type == "number" {
		return c.tokenNumberNumber(k.Code, v), nil
	}
	if len(parts) != 2 || len(v.Parts) != 2 {
		return nil, c.noComposite(k)
	}
	if parts[0].Type == "token" && parts[1].Type == "token" {
		return []probe{byHash("ix_token", c.tokenToken(k.Code, v.Parts[0], v.Parts[1]))}, nil
	}
	token, other, typ := v.Parts[0], v.Parts[1], parts[1].Type
	if parts[1].Type == "token" {
		token, other, typ = v.Parts[1], v.Parts[0], parts[0].Type
	}
	return c.tokenOther(k, typ, token, other)
}

func (c *compiler) noComposite(k search.Clause) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: "this composite search parameter cannot be searched", Expression: "http." + k.Code})
}

func (c *compiler) tokenToken(code string, a, b search.Value) int64 {
	switch {
	case a.HasSystem && b.HasSystem:
		return c.h.SystemCodeSystemCode(c.typ, code, a.System, a.Code, b.System, b.Code)
	case a.HasSystem:
		return c.h.SystemCodeCode(c.typ, code, a.System, a.Code, b.Code)
	case b.HasSystem:
		return c.h.CodeSystemCode(c.typ, code, a.Code, b.System, b.Code)
	}
	return c.h.CodeCode(c.typ, code, a.Code, b.Code)
}

// under is the key of the rows of a composite that stand under this token.
func (c *compiler) under(code string, token search.Value) int64 {
	if token.HasSystem {
		return c.h.UnderTokenSystem(c.typ, code, token.System, token.Code)
	}
	return c.h.TokenCode(c.typ, code, token.Code)
}

func (c *compiler) tokenOther(k search.Clause, typ string, token, other search.Value) ([]probe, error) {
	hash := c.under(k.Code, token)
	switch typ {
	case "quantity", "number":
		return c.number(hash, other)
	case "date":
		return []probe{c.date(hash, k, other)}, nil
	case "string":
		folded, err := c.folded(k, other.Text)
		return []probe{byHash("ix_string", hash, prefixed(folded))}, err
	case "uri":
		return []probe{byHash("ix_string", hash, where("x.value = ?", other.Text))}, nil
	case "reference":
		return c.refUnder(hash, other), nil
	}
	return nil, c.noComposite(k)
}

func (c *compiler) refUnder(hash int64, v search.Value) []probe {
	return c.local(search.Clause{}, v.Ref, func(string) int64 { return hash })
}

func (c *compiler) tokenNumberNumber(code string, v search.Value) []probe {
	a, b := v.Parts[1], v.Parts[2]
	return []probe{byHash("ix_number", c.under(code, v.Parts[0]), where("x.lo >= ? AND x.lo <= ? AND x.hi >= ? AND x.hi <= ?", a.NumLo, a.NumHi, b.NumLo, b.NumHi))}
}
