"""Nationwide snippets whose text does not tell their region, by cause, and labels that are wrong: each was read.

The source knows the region from elsewhere (its own site, the whole notice). What is listed here is left out of one
of the two figures of recall only, that of what the text tells; where something is read nevertheless, it counts.
"""

UNTOLD = {  # cause -> records
    "nothing of a place": """
        00f4c1d484021d35 0177cafb5c3fc8bf 01da4f240a19e573 03b1d24f8d2058ef 042bb99c39bc3f32
        05035e47fcc68bd5 06ccbe8d97e3fe27 0824e4d63f22c088 0d4a5b106e874da1 0db6e2b290a0e43c
        108628ee99c1f93d 116ce161be2a9ac8 117e4d4753057ae7 12e02e253aee4c5f 155b296f63ac3069
        192f06dbe736ced2 1b67a7a285cc56ef 1befa20ab685f040 1c7cae293bb86e74 1d1cb1f95a758a97
        1d3bba71f28c6108 216094e5a0543d82 21ce9d89f12286d9 22d536293fd621e2 22fbac26ddb9039a
        23266d8ee01cf23e 241e7c38ce7cece6 243b9495236c2ef8 245c695d14530d90 2507dd2ba985da7b
        2cd96fe979b252f8 2d5ddad1ae9596ff 2e161dc0625ab2e4 2eb065045ee2bd73 32360f3f77f8cdbd
        35612de48487fdbb 3615942469920248 3b2d05ff53226f89 3b7b34c7f1f7b78d 3bb843872dc846c0
        3f83af0cd21c638a 3ffde7addde62d40 4061e0465a55d4e5 43803d75acdca8d4 44487452010b6627
        44d4776795115e5a 4751079288dde8d3 47c892780700a616 48b21fe5578f74a2 49b63599b6e1df26
        4dc814eff9ff1ab8 4e2beeda72c80320 500cfbfda14dc662 512b12d40b2a59c7 538bbd2d26db24cf
        542b6a72a7fb2241 54da181e2fc31ba8 55609221c9689f64 566acbfe754fa4ea 57d5f7ff7618ec00
        59dc97f69c3689d8 5b763741abb5dc7a 5c7090f57265e0b9 5f3528045a57e171 60abbb26d7732970
        60ee5aa05d27df09 6150da569a1401e4 61c6f0efa402ce7d 64bebe1e0f772957 69c3378c9cfc9f98
        6a237e8010cdd1e8 6ae45333d6c15701 6e94803f87c351e1 70b0087e2918bf73 70e7ca6ba3f2851b
        7240042d62cceadc 733c136638d95783 73e7679b22467e06 7567d45891f8b9c7 757282e4c49494af
        75da9389e273c50c 7671670e239b1ba4 769bb470d8facbfa 77cbc8fc52aff526 79777bdfb089d49f
        79ff194ba62f1b33 7a433f82d9fd8859 7dad563fe525f243 7db628e1e964e775 8064a426659b72d9
        832d685cb893767b 83f69e39ec9b2cdb 8792890dc8f605a3 890aec408eea0edc 8b3831ba7f034af5
        8bf83aa5e9033903 8c2485e2bf05b2b7 8cb68bdadfe53369 9105fcc0887d9216 939f2a7cd6f1cb21
        95f25adc44d726dd 98181240002ede08 9836d6f4fe7052cb 98c5ef410c820da6 9b32ac800358eae8
        9f7584f1d68aa5ba a0f5ded14714900c a14006c7a4ba4c33 a3c4d6bddecb5998 a4d5609db8780b0e
        a507cdd61a5b7d7c a8aad97673a3a932
    """,
    "a name that several places bear (龙华区, 白云院区, 同济医院)": """
        19a52e995589eae7 8340eb3473af92b4 35035aca25bf6581 511db21039252302 546110e77a05a925
        8eea5a4d65534c36 9f61444537867767 a249ed026057912f 583ce5ad0de776b0 58896632d2749e1f
        7f09c68f91f24cf1 1f3f6f279ad54581 19760769dea16424
    """,
    "only who handles the tender, or where its papers are had": """
        33d9ae684323a94b 3c954e040ce12ffc 3e3af37a128c638f 436e7f5a3b742010 490fbe6936bf7feb
        66033adf99c753dd 6c38b2da7213a353 7ad8085946bc1de6 8d7c18bea87bb47b 925eb86e4164b178
        95ed25a365e9783e a3a1109f2ba0f7e0 946d341b4519dbf7 15ebc0caec2e8d65 3b30223bd08655e1
        5e245dae00520879 60ce8b93974d0d44 671306958fe3e9fc 8c4186979fbf6c6f 9d1000978b7880b6
        210a2ebf8f1d526b 6edb03dc88eba7a0
    """,
    "only who sells, or what they built elsewhere": """
        1fd76199f0d1617a 238c2ab4e3ca42fb 2b0c588a9159828b 4afa86e69c465f70 154ad2bd45356f1c
        5b8085f835077a2d 70d49169a42a21b2 79bfd07e4f08818e 89c0cdf9664bbb95 91422eaf422d66c8
        94b9fa1b5486c4c0 3e5124101e7025b4
    """,
    "only the letters of a number (GXZC): no table says whose they are": """
        1f4776c84698f7d0 31916c270349c86b 3f7173a3b7e666e9 47735a7ccccc06ee 547c44cca1570a4c
        5f7884e9b5d2c356 61b63ef12eebe090 73713e496cfaa371 9f363bc30d4e3d7f 846a2c512eeb99a7
        8abec37efca28c28 3a50d122dcecda72
    """,
    "paid from aid for Tibet (援藏资金), which also goes to its neighbours": """
        2250787fdbe0f0bc 51cf73985432442e 65bc67a6cab015a9 75291cf59c8e172e 86a9b395a933389d
        8dd5026fe3e946e5
    """,
}
UNTOLD_BY_RECORD = {record: cause for cause, records in UNTOLD.items() for record in records.split()}
_PROVINCE, _CITY = "region (province)", "region (city or county)"
WRONG = {  # (record, field) -> why the given label is wrong
    ("2bee3b1bb995575e", _PROVINCE): "the platform's region; the buyer is 华润天津医药",
    ("2f4be3e7f716f8e2", _PROVINCE): "the mother's region; the house is 华西厦门医院",
    ("2f4be3e7f716f8e2", _CITY): "the mother's region; the house is 华西厦门医院",
    ("5232d99a04a816ef", _PROVINCE): "复旦大学附属中山医院 taken for the city of 中山",
    ("58a16a061b891a16", _PROVINCE): "the title names 贵阳市第二人民医院",
    ("58a16a061b891a16", _CITY): "the title names 贵阳市第二人民医院",
    ("8967a7a31ec1e055", _PROVINCE): "海东院区 of 广东医科大学 is a zone of 湛江; taken for 青海海东",
    **{
        (record, _CITY): "中山大学 taken for the city of 中山; the title names 广州"
        for record in (
            "33f202435217f605", "4b8b6974314868ad", "5794ec01d9445921", "60448891452b96c0", "662af3a7e7d7a4f8",
            "6636487cc65a6b26", "6a9efd426aff7f18",
        )
    },
    **{
        (record, _CITY): "the mother's city; 越城 is a district of 绍兴"
        for record in ("4026a45532ebf524", "4a98d31d3c1fb21c")
    },
    **{
        (record, _CITY): "who pays for it (深圳援建); the hospital is in 汕尾"
        for record in ("57a374fe172b7ae9", "5c03b3849d52e818")
    },
}  # fmt: skip
