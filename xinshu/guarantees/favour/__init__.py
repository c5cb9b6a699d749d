"""守信优惠 (BH-36): rules by which a customer's conduct earns a tier, and the tier a lower fee and a faster answer."""
