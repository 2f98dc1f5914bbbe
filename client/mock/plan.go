package mock

// Plans of an account, by what they may ask for.
const (
	planEnterprise = "enterprise"
	planAdvanced   = "advanced"
	planBasic      = "basic"
)
