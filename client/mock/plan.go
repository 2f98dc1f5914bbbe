package mock

import "strings"

// Plans of an account, by what they may ask for.
const (
	planEnterprise = "enterprise"
	planAdvanced   = "advanced"
	planBasic      = "basic"
)

// lacks says whether the plan forbids a control header with that value. The
// tick marks of the vendor's table were lost: sessions on advanced and
// enterprise, and the profile "pass" on enterprise alone, are documented, a
// refusal of sessions on basic was seen, the rest is a guess.
func (s *Server) lacks(header, value string) bool {
	if s.cfg.Plan == planEnterprise {
		return false
	}
	switch header {
	case "X-Crawlera-Profile", "X-Crawlera-UA":
		return strings.EqualFold(value, "pass")
	case "X-Crawlera-Session", "X-Crawlera-Profile-Pass", "X-Crawlera-No-Bancheck":
		return s.cfg.Plan == planBasic
	case "X-Crawlera-Cookies":
		return s.cfg.Plan == planBasic && value != cookiesDiscard
	}
	return false
}
