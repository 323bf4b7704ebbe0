// Package index says what is stored to find a resource again: the rows of each
// search parameter, and the keys under which the query side looks for them.
//
// It owns the physical form of the index (https://hl7.org/fhir/R4/search.html).
// Extract is pure: the same resource and the same seed give the same rows, without
// duplicates and sorted. It covers every search parameter of R4 but _id and
// _lastUpdated (columns of the store), _text, _content (Texts reads the words themselves)
// and _query. It never resolves a reference, reads a database or guesses a code.
//
// Every row begins with a 64-bit hash, Hasher.Key of resource type, parameter code
// and a form; equal hashes are taken for equal things. The forms, t and p being
// resource type and parameter code:
//
//	token      Token   Key(t,p,"c",code)                       a code, with Unit(system) beside it: code, system|code, |code;
//	                                                           a string, id or uri has NoSystem there
//	           Token   Key(t,p,"s",system)                     system|, unless ClosedSystem knows the codes
//	           Token   Key(t,p,":of-type",system,code,value)   Identifier, one for each coding of its type
//	           Token   Key(t,p,":text",text)                   normalised display or text, a Value of the list Key(t,p,":text")
//	string     String  Key(t,p)                                normalised, with Unit(value) as it is beside it for :exact;
//	                                                           one row for each part of a name or address
//	uri        Token   Key(t,p,"u",uri)
//	           String  Key(t,p)                                the uri as it is, for :below, :contains and the order; of a canonical
//	                                                           (SharesURI) a Value of the list Key(t,p)
//	reference  Ref     Key(t,p)                                relative and absolute references, unless a wider parameter has them (Refers)
//	           Token   Key(t,p,"u",text)                       urn, canonical (with and without |version) and all others
//	           token forms of p+":identifier"                  Reference.identifier
//	date       Date    Key(t,p)                                what the value covers, both ends included
//	number     Number  Key(t,p)
//	quantity   Number  Key(t,p)                                one row with code and system, one more for a unit that differs from the code
//	near       Number  Key(t,p)                                Lo latitude, Hi longitude, in degrees
//	           Number  Key(t,p,"xy"), Key(t,p,"z")             the same point on the unit sphere: Lo x, Hi y; Lo = Hi = z
//	composite  token$token: Token Key(t,p,"cc",c1,c2), ("scsc",s1,c1,s2,c2), ("csc",c1,s2,c2), ("scc",s1,c1,c2)
//	           token with one other: the row of the other under Key(t,p,"c",code) and Key(t,p,"sc",system,code); a
//	           reference only the Ref row, whichever component comes first
//	           token$number$number: Number under the same two keys, Lo the second component and Hi the third
//
// A Value is listed once for all resources that have it: a search by a part of it finds the values first, then the rows of their
// keys.
//
// What has more values or pairs of them than can be indexed is refused as a whole.
//
// A code of type code has the system of its required binding; a boolean is the code
// true or false of SpecialValues; a ContactPoint is its value without a system.
// Codes are compared as they are, nothing is folded. Numbers and quantities are stored
// as they are (Lo = Hi), a Range and a comparator as the interval they stand for; the
// precision of the searched value is the query's business; units are not converted, but Rows.Units lists those of
// UCUM, so that a search knows in which to look. Dates
// without a zone are UTC; a Timing is what lies between its first and its last moment.
//
// A parameter that a tenant has defined (Own) has the same forms under its key, code#number in place of the code.
//
// Whoever changes what is stored for a resource raises Edition, so that older rows are made anew.
//
// Not stored under a key: Rows.Params lists the parameters that have a value, for :missing.
package index
