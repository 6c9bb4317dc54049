/**
 * The version of the fold: it rises with every change that lets the same log give other bytes. Which version is in force
 * is a fact in the reference log; a rater of another version stops there (design: plans).
 */
export const FOLD_VERSION = 2;
