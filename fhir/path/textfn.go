package path

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fhir"
)

// textWith is a function of a string whose arguments are strings (http://hl7.org/fhirpath/N1/#string-manipulation). If one
// of them is missing, so is the result. A nil result is none.
func textWith(f func(in string, args []string) literal) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		in, ok, err := c.text(m, base)
		if err != nil {
			return err
		}
		var room [2]string
		args := room[:0]
		for _, a := range c.args {
			s, there, err := m.text(a)
			if err != nil {
				return err
			}
			ok, args = ok && there, append(args, s)
		}
		if !ok {
			return m.give(base, nil)
		}
		if err := m.charge(len(in)/64, c.pos); err != nil {
			return err
		}
		return m.giveAny(base, c.pos, f(in, args))
	}
}

// text is the input as a single string.
func (c *call) text(m *machine, base int) (s string, ok bool, err error) {
	n, ok, err := c.single(m, base)
	if err != nil || !ok {
		return "", false, err
	}
	if n.kind() != kString {
		return "", false, c.fail(m, "takes a String, not "+n.describe())
	}
	return n.Str(), n.hasValue(), nil
}

// giveAny is give with the bounds of giveText.
func (m *machine) giveAny(base, pos int, l literal) error {
	if s, ok := l.(str); ok {
		return m.giveText(base, pos, string(s))
	}
	return m.give(base, l)
}

func indexOf(in string, args []string) literal     { return place(in, strings.Index(in, args[0])) }
func lastIndexOf(in string, args []string) literal { return place(in, strings.LastIndex(in, args[0])) }

// place counts the characters before byte i.
func place(in string, i int) literal {
	if i < 0 {
		return integer(-1)
	}
	return integer(utf8.RuneCountInString(in[:i]))
}

func startsWith(in string, args []string) literal   { return boolean(strings.HasPrefix(in, args[0])) }
func endsWith(in string, args []string) literal     { return boolean(strings.HasSuffix(in, args[0])) }
func containsText(in string, args []string) literal { return boolean(strings.Contains(in, args[0])) }
func upper(in string, _ []string) literal           { return str(strings.ToUpper(in)) }
func lower(in string, _ []string) literal           { return str(strings.ToLower(in)) }
func length(in string, _ []string) literal          { return integer(utf8.RuneCountInString(in)) }
func trim(in string, _ []string) literal            { return str(strings.TrimSpace(in)) }

// replace of the empty string puts the substitution around every character.
func replace(in string, args []string) literal {
	if grown := (len(in) + 1) * len(args[1]); grown > maxText && strings.Count(in, args[0])*len(args[1]) > maxText {
		return str(strings.Repeat(" ", maxText+1)) // refused for its length
	}
	return str(strings.ReplaceAll(in, args[0], args[1]))
}

func substring(m *machine, c *call, base int) error {
	in, ok, err := c.text(m, base)
	if err != nil {
		return err
	}
	from, there, err := m.integer(c.args[0])
	if err != nil {
		return err
	}
	n := int64(len(in))
	if len(c.args) == 2 {
		given, there, err := m.integer(c.args[1])
		if err != nil {
			return err
		}
		if there {
			n = given
		}
	}
	if !ok || !there {
		return m.give(base, nil)
	}
	return m.giveAny(base, c.pos, part(in, from, n))
}

// part is n characters from character from on; nil if it begins outside.
func part(in string, from, n int64) literal {
	if from < 0 || from >= int64(utf8.RuneCountInString(in)) {
		return nil
	}
	start := offset(in, from)
	rest := in[start:]
	return str(rest[:offset(rest, max(n, 0))])
}

// offset is where character n begins, or the end.
func offset(s string, n int64) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

func toChars(m *machine, c *call, base int) error {
	in, _, err := c.text(m, base)
	if err != nil {
		return err
	}
	if err := m.charge(len(in), c.pos); err != nil {
		return err
	}
	m.stack = m.stack[:base]
	for _, r := range in {
		m.push(str(string(r)))
	}
	return m.charge(0, c.pos)
}

func split(m *machine, c *call, base int) error {
	in, ok, err := c.text(m, base)
	if err != nil {
		return err
	}
	by, there, err := m.text(c.args[0])
	m.stack = m.stack[:base]
	if err != nil || !ok || !there {
		return err
	}
	if err := m.charge(len(in), c.pos); err != nil {
		return err
	}
	for _, s := range strings.Split(in, by) {
		m.push(str(s))
	}
	return m.charge(0, c.pos)
}

func join(m *machine, c *call, base int) error {
	by := ""
	if len(c.args) == 1 {
		var err error
		if by, _, err = m.text(c.args[0]); err != nil {
			return err
		}
	}
	if len(m.stack) == base {
		return nil
	}
	parts, size := make([]string, 0, len(m.stack)-base), 0
	for _, n := range m.stack[base:] {
		if n.kind() != kString {
			return c.fail(m, "takes Strings, not "+n.describe())
		}
		parts = append(parts, n.Str())
		if size += len(n.Str()) + len(by); size > 2*maxText {
			break // refused for its length below
		}
	}
	return m.giveText(base, c.pos, strings.Join(parts, by))
}

func encode(in string, args []string) literal {
	switch args[0] {
	case "hex":
		return str(hex.EncodeToString([]byte(in)))
	case "base64":
		return str(base64.StdEncoding.EncodeToString([]byte(in)))
	case "urlbase64":
		return str(base64.URLEncoding.EncodeToString([]byte(in)))
	}
	return nil
}

func decode(in string, args []string) literal {
	var out []byte
	var err error
	switch args[0] {
	case "hex":
		out, err = hex.DecodeString(in)
	case "base64":
		out, err = base64.StdEncoding.DecodeString(in)
	case "urlbase64":
		out, err = base64.URLEncoding.DecodeString(in)
	default:
		return nil
	}
	if err != nil || !utf8.Valid(out) {
		return nil
	}
	return str(out)
}

func escapeText(in string, args []string) literal {
	switch args[0] {
	case "html":
		return str(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(in))
	case "json":
		quoted := fhir.AppendString(nil, in)
		return str(quoted[1 : len(quoted)-1])
	}
	return nil
}

func unescapeText(in string, args []string) literal {
	switch args[0] {
	case "html":
		return str(html.UnescapeString(in))
	case "json":
		return unescapeJSON(in)
	}
	return nil
}

// unescapeJSON decodes the escape sequences of JSON; nil if there is one that it does not know.
func unescapeJSON(in string) literal {
	var b strings.Builder
	for i := 0; i < len(in); {
		if in[i] != '\\' {
			b.WriteByte(in[i])
			i++
			continue
		}
		r, n := escape(in[i:])
		switch {
		case n > 0 && in[i+1] != '`' && in[i+1] != '\'':
			b.WriteRune(r)
		case strings.HasPrefix(in[i:], `\b`):
			b.WriteByte('\b')
			n = 2
		default:
			return nil
		}
		i += n
	}
	return str(b.String())
}
