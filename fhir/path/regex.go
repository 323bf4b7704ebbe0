package path

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync/atomic"
)

// regexCache keeps the last pattern of a call compiled; nearly all are literals.
type regexCache struct {
	last atomic.Pointer[compiledRegex]
}

type compiledRegex struct {
	pattern string
	re      *regexp.Regexp
	size    int // instructions of its program
}

const (
	maxPattern = 4000
	maxProgram = 20_000 // a{1000} is short to write
)

// compile reads a pattern: a dot also matches a line's end, as N1 has it; flags i and m may be added.
func (r *regexCache) compile(pattern string) (*compiledRegex, bool) {
	if c := r.last.Load(); c != nil && c.pattern == pattern {
		return c, true
	}
	size, ok := programOf(pattern)
	if !ok {
		return nil, false
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, false
	}
	c := &compiledRegex{pattern, re, size}
	r.last.Store(c)
	return c, true
}

// programOf counts the instructions of a pattern: matching takes at most their number for each character.
func programOf(pattern string) (size int, ok bool) {
	if len(pattern) > maxPattern {
		return 0, false
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, false
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil || len(program.Inst) > maxProgram {
		return 0, false
	}
	return len(program.Inst), true
}

// cost is the steps that a match of a text may take.
func (c *compiledRegex) cost(text string) int { return 1 + len(text)/16 + len(text)*c.size/256 }

// regex takes the input and the pattern of the first argument; ok is false if one of them is missing.
func (c *call) regex(m *machine, base, flagArg int, wrap func(string) string) (in string, re *regexp.Regexp, ok bool, err error) {
	in, ok, err = c.text(m, base)
	if err != nil {
		return "", nil, false, err
	}
	pattern, there, err := m.text(c.args[0])
	if err != nil {
		return "", nil, false, err
	}
	flags := "s"
	if len(c.args) > flagArg {
		more, _, err := m.text(c.args[flagArg])
		if err != nil || strings.Trim(more, "im") != "" {
			return "", nil, false, c.fail(m, "knows the flags i and m")
		}
		flags += more
	}
	compiled, valid := c.cache.compile("(?" + flags + ")" + wrap(pattern))
	if !valid {
		return "", nil, false, m.fail(c.args[0].at(), "not a regular expression that is supported (no look-around, no back references, not too large)")
	}
	return in, compiled.re, ok && there, m.charge(compiled.cost(in), c.pos)
}

func anywhere(pattern string) string { return pattern }
func whole(pattern string) string    { return "^(?:" + pattern + ")$" }

// matches is matches(), which may match anywhere in the string, or matchesFull().
func matches(full bool) func(*machine, *call, int) error {
	wrap := anywhere
	if full {
		wrap = whole
	}
	return func(m *machine, c *call, base int) error {
		in, re, ok, err := c.regex(m, base, 1, wrap)
		if err != nil {
			return err
		}
		if !ok {
			return m.give(base, nil)
		}
		return m.give(base, boolean(re.MatchString(in)))
	}
}

// replaceMatches replaces what the pattern matches; an empty pattern matches nothing here.
func replaceMatches(m *machine, c *call, base int) error {
	in, re, ok, err := c.regex(m, base, 2, anywhere)
	if err != nil {
		return err
	}
	with, there, err := m.text(c.args[1])
	if err != nil {
		return err
	}
	if !ok || !there {
		return m.give(base, nil)
	}
	if re.String() == "(?s)" {
		return m.giveText(base, c.pos, in)
	}
	if (len(in)+1)*len(with)+strings.Count(with, "$")*len(in) > 16*maxText {
		m.left = 0
		return m.charge(1, c.pos)
	}
	return m.giveText(base, c.pos, re.ReplaceAllString(in, groups(with)))
}

// groups writes $1 and ${name} of a substitution as Go reads them: $1x is group 1 and then x.
func groups(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteString(strings.ReplaceAll(s[i:i+1], "$", "$$"))
		case s[i] == '$' && i+1 < len(s) && digit(s[i+1]):
			b.WriteString("${" + s[i+1:i+2] + "}")
			i++
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
