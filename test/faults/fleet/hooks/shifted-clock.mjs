/** Preloaded into a process (`node --import`): its clock is wrong by GIGATILE_TEST_SHIFT_MS, from its first moment. */
const shift = Number(process.env.GIGATILE_TEST_SHIFT_MS);
const RightDate = Date;
globalThis.Date = class ShiftedDate extends RightDate {
  constructor(...args) {
    if (args.length === 0) super(RightDate.now() + shift);
    else super(...args);
  }

  static now() {
    return RightDate.now() + shift;
  }
};
