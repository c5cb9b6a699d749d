"""索赔: what happens after a beneficiary demands payment under a guarantee, until the money is recovered or given up.

Its words: 索赔 demand (one presentation), 不符点 discrepancy, 拒付通知 refusal notice, 展期或付款 extend or pay,
止付 injunction, 付款指令 payout, 追偿 recourse. Amounts of the instrument itself are kept in
guarantees/actions/drawing.py.
"""
