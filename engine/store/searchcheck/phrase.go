package searchcheck

import (
	"math/big"
	"strings"
)

// text writes a random search text that a value should match; "" if the value offers none.
func (g *generator) text(p *param, v any) (modifier, t string) {
	switch p.kind {
	case token, contact:
		return g.tokenText(p, v)
	case text:
		return g.stringText(v)
	case date:
		return "", g.dateText(v)
	case number, quantity:
		return "", g.quantityText(p, v)
	case reference:
		return g.referenceText(v)
	case uri:
		return g.uriText(v)
	}
	return "", g.compositeText(p, v.([2][]any))
}

func (g *generator) tokenText(p *param, v any) (modifier, t string) {
	if shown := displays(v); len(shown) > 0 && g.rand.IntN(6) == 0 {
		return "text", escape(g.cut(shown[g.rand.IntN(len(shown))]))
	}
	if t := ofTypeText(v); t != "" && g.rand.IntN(4) == 0 {
		return "of-type", t
	}
	codes := p.codes(v)
	if len(codes) == 0 {
		return "", ""
	}
	c := codes[g.rand.IntN(len(codes))]
	if g.rand.IntN(12) == 0 {
		modifier = "not"
	}
	return modifier, g.codeText(c)
}

// ofTypeText asks for an identifier by its type; "" if it has none.
func ofTypeText(v any) string {
	id, _ := v.(map[string]any)
	kind, _ := id["type"].(map[string]any)
	for _, c := range list(kind["coding"]) {
		if m := c.(map[string]any); str(m, "code") != "" && str(id, "value") != "" {
			return escape(str(m, "system")) + "|" + escape(str(m, "code")) + "|" + escape(str(id, "value"))
		}
	}
	return ""
}

func (g *generator) codeText(c coded) string {
	code := escape(c.code)
	switch form := g.rand.IntN(4); {
	case c.system == "\x00" || form == 0:
		return code
	case c.code == "" || form == 1 && c.system != "":
		return escape(c.system) + "|"
	}
	return escape(c.system) + "|" + code
}

func (g *generator) stringText(v any) (modifier, t string) {
	parts := stringsOf(v)
	if len(parts) == 0 {
		return "", ""
	}
	s := parts[g.rand.IntN(len(parts))]
	switch g.rand.IntN(4) {
	case 0:
		return "exact", escape(s)
	case 1:
		runes := []rune(s)
		from := g.rand.IntN(len(runes))
		return "contains", escape(strings.TrimSpace(g.cut(string(runes[from:]))))
	}
	return "", escape(g.cut(s))
}

// cut takes the beginning of a string, in other letters now and then.
func (g *generator) cut(s string) string {
	runes := []rune(s)
	if len(runes) == 0 {
		return ""
	}
	s = strings.TrimSpace(string(runes[:min(60, 1+g.rand.IntN(len(runes)))]))
	switch g.rand.IntN(4) {
	case 0:
		return strings.ToUpper(s)
	case 1:
		return plain(s)
	}
	return s
}

func (g *generator) dateText(v any) string {
	s, isText := v.(string)
	if m, ok := v.(map[string]any); ok {
		s, isText = str(m, g.pick("start", "end")), true
	}
	if !isText || s == "" {
		return ""
	}
	prefix := g.pick("", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
	switch g.rand.IntN(5) {
	case 0:
		return prefix + s[:4]
	case 1:
		return prefix + s[:min(7, len(s))]
	case 2, 3:
		return prefix + s[:min(10, len(s))]
	}
	return prefix + s
}

func (g *generator) quantityText(p *param, v any) string {
	n, ok := numberOf(v)
	if !ok || beyond(n, 1_000_000_000_000) {
		return ""
	}
	t := g.pick("", "", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap") + g.digits(n)
	m, _ := v.(map[string]any)
	if p.kind == number {
		return t
	}
	switch g.rand.IntN(4) {
	case 0:
		if system := str(m, "system"); system != "" {
			return g.otherUnit(t, n, system, str(m, "code"))
		}
	case 1:
		if code := str(m, g.pick("code", "unit")); code != "" {
			return t + "||" + escape(code)
		}
	}
	return t
}

// otherUnit names the unit, or now and then asks for the same amount in another one.
func (g *generator) otherUnit(t string, n *big.Rat, system, code string) string {
	to := g.pick("g", "mg", "kg", "mL", "L", "d", "h", "min", "cm", "m", "mg/dL", "g/L")
	if value, same := convert(n, code, to); system == ucum && same == yes && g.rand.IntN(2) == 0 {
		prefix, _ := cutPrefix(t)
		return prefix + value.FloatString(6) + "|" + escape(system) + "|" + to
	}
	return t + "|" + escape(system) + "|" + escape(code)
}

// digits writes the number rounded to few places, so that it stands for a range that may hold others.
func (g *generator) digits(n *big.Rat) string { return n.FloatString(g.rand.IntN(5)) }

func (g *generator) referenceText(v any) (modifier, t string) {
	target, _ := member(v, "reference").(string)
	typ, id, literal := strings.Cut(target, "/")
	if !literal {
		codes := (&param{kind: token}).codes(member(v, "identifier"))
		if len(codes) == 0 {
			return "", ""
		}
		return "identifier", g.codeText(codes[0])
	}
	if strings.Contains(typ, ":") || strings.Contains(id, "/") || strings.HasPrefix(typ, "#") {
		return "", escape(target)
	}
	switch g.rand.IntN(3) {
	case 0:
		return typ, id
	case 1:
		return "", id
	}
	return "", target
}

func (g *generator) uriText(v any) (modifier, t string) {
	s, _ := v.(string)
	switch g.rand.IntN(4) {
	case 0, 1:
		return "", escape(s)
	case 2:
		return "above", escape(s + g.pick("", "/more", "/more/of/it", "more"))
	}
	at := strings.LastIndex(s, "/")
	if at < len("https://x") {
		return "", escape(s)
	}
	return "below", escape(s[:at])
}

func (g *generator) compositeText(p *param, v [2][]any) string {
	var texts []string
	for i, part := range p.parts {
		if len(v[i]) == 0 {
			return ""
		}
		modifier, t := g.text(part, v[i][g.rand.IntN(len(v[i]))])
		if modifier != "" || t == "" || strings.HasSuffix(t, "|") {
			return ""
		}
		texts = append(texts, t)
	}
	return strings.Join(texts, "$")
}

// spoil changes a text so that it should no longer match: whoever overlooks a system, a unit, a case or a slash, finds too much.
func (g *generator) spoil(p *param, t string) string {
	parts := split(t, '|')
	switch {
	case p.kind == quantity && len(parts) == 3:
		return parts[0] + g.pick("|http://example.org/units|"+parts[2], "|"+parts[1]+"|none")
	case (p.kind == token || p.kind == contact) && len(parts) == 2 && parts[1] != "":
		return g.pick("http://example.org/codes|"+parts[1], "|"+parts[1], parts[0]+"|none")
	case p.kind == uri && len(t) > 1:
		return t[:len(t)-1]
	case p.kind == text:
		return g.pick(strings.ToUpper(t), strings.ToLower(t), t+"-")
	case p.kind == composite:
		pair := split(t, '$')
		return g.spoil(p.parts[0], pair[0]) + "$" + g.spoil(p.parts[1], pair[len(pair)-1])
	}
	return t
}

func beyond(n *big.Rat, limit int64) bool { return new(big.Rat).Abs(n).Cmp(big.NewRat(limit, 1)) > 0 }
