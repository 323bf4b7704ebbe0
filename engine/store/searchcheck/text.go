package searchcheck

import (
	"strings"
	"unicode"
)

// letters maps accented Latin letters to the plain ones; the files hold no others but those of stands.
const letters = "áàâäãåa éèêëe íìîïi óòôöõo úùûüu çc ñn ýÿy"

// indexed is how much of a string a server must look at, in bytes; what lies behind it may be found or not.
const indexed = 256

// stringMatch is equal or starts with, ignoring case and accents (https://hl7.org/fhir/R4/search.html#string).
func stringMatch(modifier string, v any, t string) verdict {
	best := no
	for _, s := range stringsOf(v) {
		best = max(best, oneString(modifier, s, t))
	}
	return best
}

func oneString(modifier, s, t string) verdict {
	switch {
	case s == "":
		return no
	case modifier == "exact":
		return is(s == t)
	case modifier == "contains":
		at := strings.Index(plain(s), plain(t))
		if at >= 0 && at+len(plain(t)) > indexed {
			return maybe
		}
		return is(at >= 0)
	}
	return is(strings.HasPrefix(plain(s), plain(t)))
}

// stringsOf lists the parts of a value: a HumanName or an Address has several.
func stringsOf(v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case map[string]any:
		var all []string
		for _, part := range []string{"family", "given", "prefix", "suffix", "text", "line", "city", "district", "state", "postalCode", "country"} {
			if s := str(x, part); s != "" {
				all = append(all, s)
			}
			for _, s := range list(x[part]) {
				all = append(all, s.(string))
			}
		}
		return all
	}
	return nil
}

// stands are letters that are not another letter with a mark, with what is written where there are only the 26.
var stands = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "æ", "ae", "œ", "oe", "ı", "i", "ħ", "h", "ŧ", "t", "ŋ", "n")

// plain drops case, accents, width and surplus white space.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r > '\uff00' && r < '\uff5f' { // full width: as far behind the plain one, for all of ASCII
			r -= '\uff00' - ' '
		}
		r = unicode.ToLower(r)
		for group := range strings.FieldsSeq(letters) {
			if r > unicode.MaxASCII && strings.ContainsRune(group, r) {
				return rune(group[len(group)-1])
			}
		}
		return r
	}, s)
	return strings.Join(strings.Fields(stands.Replace(s)), " ")
}

// escape writes a value so that its commas, bars, dollars and backslashes stand for themselves
// (https://hl7.org/fhir/R4/search.html#escaping).
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(s)
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\,`, `,`, `\|`, `|`, `\$`, `$`).Replace(s)
}

// split cuts at each sep that no backslash stands before.
func split(s string, sep byte) []string {
	if !strings.Contains(s, `\`) {
		return strings.Split(s, string(sep))
	}
	parts := []string{""}
	for i := 0; i < len(s); i++ {
		last := &parts[len(parts)-1]
		switch {
		case s[i] == '\\' && i+1 < len(s):
			*last += s[i : i+2]
			i++
		case s[i] == sep:
			parts = append(parts, "")
		default:
			*last += s[i : i+1]
		}
	}
	return parts
}
