"""受益人链接: beneficiaries act under one guarantee by a link and a code to their phone, without an account."""
